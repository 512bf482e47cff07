import{I as t,v as o}from"./chunk-ZOD5E7UX.js";function e({site:r}){return t("h2",{"data-site":r,children:o("tab_golden")})}export{e as GoldenPage};
