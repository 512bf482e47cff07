import{I as t,v as o}from"./chunk-ZOD5E7UX.js";function p({site:a}){return t("h2",{"data-site":a,children:o("tab_ask")})}export{p as AskPage};
