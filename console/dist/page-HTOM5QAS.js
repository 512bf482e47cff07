import{I as r,v as t}from"./chunk-ZOD5E7UX.js";function e({site:o}){return r("h2",{"data-site":o,children:t("tab_articles")})}export{e as ArticlesPage};
